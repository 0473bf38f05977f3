/** @type {import('../../libs/prices/src/circle-one.ts').ONE} */
export const pressed = 2;
