/** An error of the sandbox that a person can act on: what is wrong, and in `hint` what to do about it. */
export class SandboxError extends Error {
  constructor(
    message: string,
    /** What to do about it, in one or two sentences. */
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "SandboxError";
  }
}
