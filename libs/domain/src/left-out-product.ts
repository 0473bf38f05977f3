/** An item of the source that a request covers but that gets no run, because it has no valid product id. */
export interface LeftOutProduct {
  /** As the source has it, such as `NULL` or `12.5`. */
  readonly item: string;
  readonly reason: string;
}
