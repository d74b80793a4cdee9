/** One thing that happens while something long is under way, for a person who waits. */
export interface ProgressEvent {
  /** What is being done, in a few words; the same text from `start` to `done`. */
  step: string;
  state: "start" | "update" | "done" | "failed";
  /** What is seen now, or why it failed. */
  detail?: string;
  /** How long the step took, with `done` and `failed`. */
  seconds?: number;
}

export type Progress = (event: ProgressEvent) => void;
