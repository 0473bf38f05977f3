/** Something that a request stands for and that has no run, because it has no product id to go by. */
export interface LeftOutProduct {
  /** As the source has it, such as `NULL` or `12.5`. */
  readonly item: string;
  readonly reason: string;
}
