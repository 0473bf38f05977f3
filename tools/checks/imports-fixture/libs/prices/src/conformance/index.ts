export const counts = (amount: number) => amount > 0;
