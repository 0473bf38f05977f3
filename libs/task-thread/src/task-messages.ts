/** Functions that a thread offers by name; input and result must be cloneable. */
export type Tasks = Readonly<Record<string, (input: never) => unknown>>;

/** What the main thread sends. */
export interface Order {
  readonly name: string;
  readonly input: unknown;
}

/** What the thread answers; errors lose their class on the way, so what matters of them is spelled out. */
export type Reply =
  | { readonly kind: 'done'; readonly result: unknown }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
      readonly skipped: Readonly<Record<string, unknown>> | null;
    };
