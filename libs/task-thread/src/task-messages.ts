/** The named functions of a thread; input and result must be cloneable. */
export type Tasks = Readonly<Record<string, (input: never) => unknown>>;

/** A message of the main thread. */
export interface Order {
  readonly name: string;
  readonly input: unknown;
}

/** A message of the thread; errors lose their class in transit, so their relevant properties are copied. */
export type Reply =
  | { readonly kind: 'done'; readonly result: unknown }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
      readonly skipped: Readonly<Record<string, unknown>> | null;
    };
