import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { duration } from "../output";
import { kindOf, parseUrn } from "./urn";

/** What an operation of the engine does to a resource, in the words of the progress lines. */
const OPERATIONS: Record<string, { doing: string; done: keyof Counts }> = {
  create: { doing: "creating", done: "created" },
  "create-replacement": { doing: "creating", done: "created" },
  update: { doing: "updating", done: "updated" },
  delete: { doing: "deleting", done: "deleted" },
  "delete-replaced": { doing: "deleting", done: "deleted" },
};

export interface Counts {
  created: number;
  updated: number;
  deleted: number;
}

interface Group {
  counts: Counts;
  changedAt: number;
  toldAt: number;
  told: string;
}

interface Pending {
  what: string;
  doing: string;
  since: number;
  toldAt: number;
}

export interface Diagnostic {
  severity: string;
  message: string;
  urn?: string;
}

/** Seconds between two lines about the same wait, and the length of a wait that is worth a line. */
const REPEAT_SECONDS = 20;
/** Lines of a gate that differ only in their numbers are told this often. */
const SAME_SHAPE_SECONDS = 5;
const GATE_LINE =
  /^(?:gate:\s*)?((?:database|capacity|health|smoke|shift|metrics|alarms|in place|standby)\b[\s\S]*)$/;

/**
 * Turns the engine's events into what a person wants to know. Pure: time is passed in, in seconds, and
 * lines come back. `tick` is to be called about once a second.
 */
export class EngineProgress {
  readonly diagnostics: Diagnostic[] = [];
  private readonly groups = new Map<string, Group>();
  private readonly pending = new Map<string, Pending>();
  private readonly gateShapes = new Map<string, number>();
  private lastGateLine = "";

  /** Takes an event; returns lines that stay. */
  take(event: EngineEvent, now: number): string[] {
    if (event.resourcePreEvent) this.begin(event.resourcePreEvent.metadata, now);
    if (event.resOutputsEvent) this.finish(event.resOutputsEvent.metadata, now);
    if (event.resOpFailedEvent) this.pending.delete(keyOf(event.resOpFailedEvent.metadata));
    if (event.diagnosticEvent && !event.diagnosticEvent.ephemeral) {
      const { severity, message, urn } = event.diagnosticEvent;
      return this.diagnose({ severity, message: plain(message), ...(urn ? { urn } : {}) }, now);
    }
    return [];
  }

  /** Lines about what has changed in silence and about long waits, for where nothing can be redrawn. */
  tick(now: number): string[] {
    const lines: string[] = [];
    for (const [name, group] of this.groups) {
      const text = describeCounts(group.counts);
      if (text === group.told || now - group.toldAt < 5) continue;
      group.told = text;
      group.toldAt = now;
      lines.push(`${name}: ${text}`);
    }
    for (const wait of this.pending.values()) {
      if (now - wait.toldAt < REPEAT_SECONDS) continue;
      wait.toldAt = now;
      lines.push(`${wait.what}: still ${wait.doing}, ${duration(now - wait.since)}`);
    }
    return lines;
  }

  /** The lines to redraw on a terminal: one per part of the environment, then the longest waits. */
  live(now: number): string[] {
    const waits = [...this.pending.values()].sort((a, b) => a.since - b.since);
    const shown = waits.slice(0, 6).map((wait) => {
      return `  ${wait.what}: ${wait.doing}, ${duration(now - wait.since)}`;
    });
    if (waits.length > shown.length) shown.push(`  and ${waits.length - shown.length} more under way`);
    return [...this.summary(), ...shown, ...(this.lastGateLine ? [`  ${this.lastGateLine}`] : [])];
  }

  /** One line per part of the environment: `network: 24 created`. */
  summary(): string[] {
    return [...this.groups].map(([name, group]) => `${name}: ${describeCounts(group.counts)}`);
  }

  totals(): Counts {
    const totals: Counts = { created: 0, updated: 0, deleted: 0 };
    for (const { counts } of this.groups.values()) {
      totals.created += counts.created;
      totals.updated += counts.updated;
      totals.deleted += counts.deleted;
    }
    return totals;
  }

  private begin(step: StepEventMetadata, now: number): void {
    const operation = OPERATIONS[step.op];
    if (!operation || !isCounted(step)) return;
    const { type, name } = parseUrn(step.urn);
    this.pending.set(keyOf(step), {
      what: `${kindOf(type)} ${name}`,
      doing: operation.doing,
      since: now,
      toldAt: now,
    });
  }

  private finish(step: StepEventMetadata, now: number): void {
    const operation = OPERATIONS[step.op];
    if (!operation || !isCounted(step)) return;
    this.pending.delete(keyOf(step));
    const name = groupOf(step);
    const group = this.groups.get(name) ?? {
      counts: { created: 0, updated: 0, deleted: 0 },
      changedAt: now,
      toldAt: now,
      told: "",
    };
    group.counts[operation.done] += 1;
    group.changedAt = now;
    this.groups.set(name, group);
  }

  private diagnose(diagnostic: Diagnostic, now: number): string[] {
    const message = diagnostic.message.trim();
    // The event log has the engine's debugging output in it, whatever its level on the terminal.
    if (message === "" || diagnostic.severity === "debug") return [];
    const gate = diagnostic.severity === "info" ? GATE_LINE.exec(message)?.[1] : undefined;
    if (gate) return this.gate(gate, now);
    this.diagnostics.push({ ...diagnostic, message });
    if (diagnostic.severity === "error") return [];
    return message.split("\n").map((line) => (diagnostic.severity === "warning" ? `! ${line}` : `  ${line}`));
  }

  private gate(line: string, now: number): string[] {
    if (line === this.lastGateLine) return [];
    this.lastGateLine = line;
    const shape = line.replace(/\d+(\.\d+)?/g, "n");
    if (now - (this.gateShapes.get(shape) ?? Number.NEGATIVE_INFINITY) < SAME_SHAPE_SECONDS) return [];
    this.gateShapes.set(shape, now);
    return [line];
  }
}

/** `3 created, 1 deleted`; `no changes` when nothing was. */
export function describeCounts(counts: Counts): string {
  const parts = (["created", "updated", "deleted"] as const)
    .filter((word) => counts[word] > 0)
    .map((word) => `${counts[word]} ${word}`);
  return parts.join(", ") || "no changes";
}

/** The engine marks colours as `<{%reset%}>`. */
export function plain(message: string): string {
  return message.replace(/<\{%[^%]*%\}>/g, "");
}

function keyOf(step: StepEventMetadata): string {
  return `${step.urn} ${step.op}`;
}

/** Components and providers are bookkeeping of the engine; people count what exists in AWS. */
function isCounted(step: StepEventMetadata): boolean {
  const { type } = parseUrn(step.urn);
  return (step.new ?? step.old)?.custom === true && !type.startsWith("pulumi:");
}

/** A resource belongs to the component that made it. */
function groupOf(step: StepEventMetadata): string {
  const parent = (step.new ?? step.old)?.parent;
  if (!parent) return "environment";
  const { type, name } = parseUrn(parent);
  return type === "pulumi:pulumi:Stack" ? "environment" : name;
}
