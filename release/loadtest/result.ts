import type { Answers } from "./answers";
import type { Verdict } from "./bottleneck";
import type { Figures } from "./measures";
import type { Profile } from "./profile";

/** What one load test found: what is kept, and what `--json` ends with. */
export interface LoadtestResult {
  environment: string;
  /** The release that answered. */
  version: string;
  profile: Profile;
  /** ISO time. */
  at: string;
  seconds: number;
  /** The profile's limits held. */
  passed: boolean;
  /** What did not hold. */
  missed: string[];
  answers: Answers;
  figures: Figures;
  verdict: Verdict;
}
