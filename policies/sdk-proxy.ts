/**
 * The part of the SDK that says what a preview does not know. It is marked as internal there and has no types; there is no
 * other way to ask a value whether it is known without being thrown out.
 */
interface SdkProxy {
  unknownCheckingProxy(bag: object): object;
  UnknownValueError: new (marker: string, path: string[]) => Error;
  isSpecialProxy: string;
  getSpecialProxyTarget: string;
  unknownStringValue: string;
  [name: string]: unknown;
}

export const proxy: SdkProxy = require("@pulumi/policy/proxy");
export const { UnknownValueError, unknownCheckingProxy } = proxy;
