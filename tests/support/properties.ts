/**
 * Property tests take the same cases on every run, so that a change is judged by what it changed. Looking for new
 * cases is a run of its own: `npm run test:properties` draws others each time, and many more of them.
 */
import * as fc from "fast-check";

const seed = process.env.RETROFIT_PROPERTY_SEED;
const runs = Number(process.env.RETROFIT_PROPERTY_RUNS ?? 100);

fc.configureGlobal({
  seed: seed === "random" ? Date.now() : Number(seed ?? 1),
  numRuns: runs,
});
