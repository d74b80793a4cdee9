import { comparePortraits, describeDifference } from "./comparison";
import type { Portrait } from "./portrait";

const portrait = (facts: Record<string, string | { value: string; before: boolean }>): Portrait => ({
  configurations: ["c0ffee"],
  facts: new Map(
    Object.entries(facts).map(([name, fact]) => [
      name,
      typeof fact === "string" ? { value: fact, before: false } : fact,
    ]),
  ),
});

test("another version, a missing file and one too many are told with both sides", () => {
  const image = portrait({ "package chrony": "4.3", "file /etc/chrony.conf": "644 a", "package curl": "8" });
  const machine = portrait({ "package chrony": "4.2", "file /etc/by-hand": "600 b", "package curl": "8" });
  const { differences, same } = comparePortraits(image, machine);
  expect(same).toBe(1);
  expect(differences.map(describeDifference)).toEqual([
    "file /etc/by-hand: only on the machine (600 b)",
    "file /etc/chrony.conf: only in the image (644 a)",
    "package chrony: 4.3 in the image, 4.2 on the machine",
  ]);
});

test("what the machine's own image brought is no difference, but one of its files that is another is", () => {
  const image = portrait({ "file /etc/issue": "644 a" });
  const before = (value: string) => ({ value, before: true });
  const machine = portrait({
    "package linux-image-cloud-amd64": before("6.1"),
    "file /etc/issue": before("644 b"),
  });
  const { differences, apart } = comparePortraits(image, machine);
  expect(differences.map(({ name }) => name)).toEqual(["file /etc/issue"]);
  expect(Object.values(apart)).toEqual([1]);
});

test("what a container cannot have is set apart with its reason: identity, the release, Amazon's agent", () => {
  const image = portrait({ "file /etc/hostname": "644 a" });
  const machine = portrait({
    "file /etc/hostname": "644 b",
    "file /opt/shop/1.0.0/server.js": "644 c",
    "unit application.service": "enabled",
    "package amazon-ssm-agent": "3",
  });
  const { differences, apart } = comparePortraits(image, machine);
  expect(differences).toEqual([]);
  expect(Object.values(apart).sort()).toEqual([1, 1, 2]);
});
