/** One change of the index's tables. A migration that has been released never changes again. */
export interface Migration {
  /** The `user_version` after it; versions rise by one. */
  readonly version: number;
  readonly sql: string;
}
