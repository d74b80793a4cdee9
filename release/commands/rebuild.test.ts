import { rebuild } from "./rebuild";

test("a rebuild does not begin where the data that it is to keep could not be restored", async () => {
  const context = { output: {} } as never;
  await expect(rebuild(context, "dev", { data: "snapshot" })).rejects.toMatchObject({
    exitCode: 3,
    json: { gate: "data" },
    message: expect.stringContaining("cannot be restored"),
  });
});
