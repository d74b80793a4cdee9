export {
  DOWNTIME_WORDS,
  type InPlaceClients,
  type InPlaceRequest,
  type InPlaceSettings,
  updateInPlace,
} from "./update";
