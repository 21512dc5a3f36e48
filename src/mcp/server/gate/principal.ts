// Who asks: whoever has a key, or whoever is let in without one.
import { type Permission, WHOLE } from "./scopes.js";

export interface Principal {
  /** Of the key; of others a word that no key's id is. */
  readonly id: string;
  readonly name: string;
  readonly permission: Permission;
}

/** A program of this machine that brings no key, and whoever comes where no keys are asked for. */
export const KEYLESS: Principal = { id: "keyless", name: "without a key", permission: WHOLE };
