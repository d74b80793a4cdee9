import { StoreError } from "./store";

/** Of a step that a store has no plugin for. */
export const without = (plugin: string) => ({ lacks: plugin, why: `the store has no plugin ${plugin}` });

/** What a store says that lacks a plugin; which ones it has, the managed form does not tell reliably. */
export const isLacking = (error: unknown, words: string): boolean =>
  error instanceof StoreError && error.message.includes(words);
