/** The same texts in another language: each of them, and no others. */
export type Words<T> = { [K in keyof T]: T[K] extends string ? string : Words<T[K]> };
