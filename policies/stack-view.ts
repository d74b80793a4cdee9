import type { Subject } from "./rule";
import { knownItems, knownValue } from "./values";

/** Properties that others name a resource by. */
const NAMES = ["id", "arn", "name", "bucket", "endpoint"];

/** All resources of a stack, and what points to what. */
export class StackView {
  constructor(readonly all: readonly Subject[]) {}

  of(...kinds: string[]): Subject[] {
    return this.all.filter(({ kind }) => kinds.includes(kind));
  }

  byUrn(urn: string): Subject | undefined {
    return this.all.find((subject) => subject.urn === urn);
  }

  /** Whether one resource's property is, or contains, another resource's id, ARN or name. */
  refers(from: Subject, key: string, to: Subject): boolean {
    if (from.dependencies[key]?.includes(to.urn)) return true;
    const values = [knownValue(from.props, key), ...knownItems(from.props, key)];
    return NAMES.some((name) => {
      const own = knownValue(to.props, name);
      return typeof own === "string" && own !== "" && values.includes(own);
    });
  }

  /** Resources of a kind whose property points to this one. */
  pointing(kind: string | string[], key: string, to: Subject): Subject[] {
    return this.of(...[kind].flat()).filter((from) => this.refers(from, key, to));
  }

  /** Resources of a kind that this one's property points to. */
  targets(from: Subject, key: string, ...kinds: string[]): Subject[] {
    return this.of(...kinds).filter((to) => this.refers(from, key, to));
  }
}
