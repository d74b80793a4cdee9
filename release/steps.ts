import type { Progress, ProgressEvent } from "../sandbox";
import { duration, type Output } from "./output";

/** Shows the steps of something long: `done` lines stay, what is under way is live on a terminal. */
export function showProgress(output: Output): Progress {
  const underWay = new Map<string, { since: number; detail: string }>();
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    output.setLive(
      [...underWay].map(([step, { since, detail }]) =>
        output.colors.dim(
          `  ${step}${detail ? `: ${detail}` : ""}, ${duration((Date.now() - since) / 1000)}`,
        ),
      ),
    );
  };
  return (event: ProgressEvent) => {
    if (event.state === "start" || event.state === "update") {
      const known = underWay.get(event.step);
      underWay.set(event.step, {
        since: known?.since ?? Date.now(),
        detail: event.detail ?? known?.detail ?? "",
      });
      if (!output.interactive && (event.detail || !known)) output.line(`  ${describe(event)}`);
    } else {
      underWay.delete(event.step);
      if (event.state === "failed") output.fail(describe(event));
      else output.done(describe(event));
    }
    if (underWay.size > 0 && output.interactive) {
      timer ??= setInterval(draw, 500).unref();
    } else {
      clearInterval(timer);
      timer = undefined;
    }
    draw();
  };
}

function describe({ step, detail, seconds }: ProgressEvent): string {
  const time = seconds !== undefined && seconds >= 0.5 ? ` (${duration(seconds)})` : "";
  return `${step}${detail ? `: ${detail}` : ""}${time}`;
}
