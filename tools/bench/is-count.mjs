/** Whether an option's value can be a number of something: whole, at least 1. */
export const isCount = (value) => Number.isInteger(value) && value >= 1;
