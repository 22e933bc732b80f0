/** Options that every command on a pipeline has. */
export interface PipelineOptions {
  readonly file?: string;
  readonly config?: string;
  /** `key=value`, in order. */
  readonly set?: readonly string[];
  /** Threads that one stage may use; all of the machine's without it. */
  readonly cores?: number;
  /** A result that another exact runtime made is stale. */
  readonly strictRuntime?: true;
}
