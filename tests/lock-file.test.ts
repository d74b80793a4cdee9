import lock from "../package-lock.json";

/** npm writes incomplete entries when it makes the file beside an installed tree. */
test("in package-lock.json every package has its version and sum, and no registry is named", () => {
  const packages = Object.entries(lock.packages as Record<string, Record<string, unknown>>).filter(
    ([path]) => path,
  );
  const incomplete = packages.filter(
    ([, entry]) => !entry.link && !entry.inBundle && !(entry.version && entry.integrity),
  );
  expect(incomplete.map(([path]) => path)).toEqual([]);
  expect(packages.filter(([, entry]) => entry.resolved).map(([path]) => path)).toEqual([]);
});
