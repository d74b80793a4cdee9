export { type Link, type LinkEnd, SystemLinks, type SystemLinksArgs } from "./system-links";
