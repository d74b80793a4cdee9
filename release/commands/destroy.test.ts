import { CommandError } from "../errors";
import { refuseKept } from "./destroy";

function refusal(outputs: Record<string, unknown>): [message: string, hint: string | undefined] | undefined {
  try {
    refuseKept("prod", outputs);
  } catch (error) {
    if (error instanceof CommandError) return [error.message, error.hint];
    throw error;
  }
  return undefined;
}

test("a protected environment is not destroyed before somebody has said that its artifacts may go", () => {
  const [message, hint] = refusal({ protected: true })!;
  expect(message).toBe("prod keeps its release artifacts; nothing was deleted.");
  expect(hint).toBe(
    "To delete them with it: write retrofit:protected: false, run: retrofit up prod, then destroy it.",
  );
});

test("nor one whose stores are kept, which are named with what allows it", () => {
  const files = { shared: { deletable: false }, uploads: { deletable: true } };
  const [message, hint] = refusal({ protected: true, files })!;
  expect(message).toContain("prod keeps its release artifacts, shared;");
  expect(hint).toContain(
    "write retrofit:protected: false and deletable: true at shared in retrofit:files, run",
  );
});

test("one where nothing is kept may go", () => {
  expect(refusal({ protected: false, files: { uploads: { deletable: true } } })).toBeUndefined();
});
