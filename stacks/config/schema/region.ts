import { text } from "../keys";

export const region = (is: string) =>
  text(/^[a-z]{2}(-[a-z]+)+-\d+$/, {
    is,
    allowed: "an AWS region such as eu-central-1",
    example: "eu-central-1",
  });
