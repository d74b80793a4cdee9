/** Ends a measurement that did not come to its end; nothing half-measured is written. */
export function fail(error: Error): never {
  console.error(error.stack ?? error.message);
  process.exit(1);
}
