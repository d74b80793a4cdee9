import { cut, duration, Output, type TextStream } from "./output";

function stream(isTTY: boolean): TextStream & { text: string } {
  return {
    text: "",
    isTTY,
    columns: 60,
    write(chunk: string) {
      this.text += chunk;
    },
  };
}

test("with --json the last line of standard output is one object, and everything else is on standard error", () => {
  const [stdout, stderr] = [stream(false), stream(false)];
  const output = new Output({ json: true, stdout, stderr, environment: {} });
  output.heading("Bringing dev up");
  output.done("3 created");
  output.result({ environment: "dev" });
  expect(stdout.text).toBe('{"environment":"dev"}\n');
  expect(stderr.text).toBe("Bringing dev up\n✓ 3 created\n");
});

test("where nobody sees a terminal lines are plain and nothing is redrawn", () => {
  const stdout = stream(false);
  const output = new Output({ json: false, stdout, environment: {} });
  output.setLive(["working"]);
  output.fail("no");
  output.result({ ignored: true });
  expect(stdout.text).toBe("✗ no\n");
});

test("a terminal gets colours and live lines; NO_COLOR takes the colours", () => {
  const coloured = stream(true);
  const output = new Output({ json: false, stdout: coloured, environment: {} });
  output.setLive(["working"]);
  output.done("made");
  expect(coloured.text).toContain("\u001b[1A\u001b[0J");
  expect(coloured.text).toContain("\u001b[32m✓\u001b[39m made\n");
  const plain = stream(true);
  new Output({ json: false, stdout: plain, environment: { NO_COLOR: "1" } }).done("made");
  expect(plain.text).toBe("✓ made\n");
});

test("a live line never wraps, since wrapped lines could not be taken back", () => {
  expect(cut("a".repeat(80), 20)).toBe(`${"a".repeat(19)}…`);
  expect(cut(`\u001b[2m${"a".repeat(80)}\u001b[22m`, 20)).toBe(`\u001b[2m${"a".repeat(19)}…\u001b[22m`);
  expect(cut("short", 20)).toBe("short");
});

test.each([
  [0.42, "0.4 s"],
  [9.94, "9.9 s"],
  [40.2, "40 s"],
  [146, "2 min 26 s"],
])("%d seconds are told as %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
