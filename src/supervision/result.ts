// How administrative calls answer: `{ ok }` or `{ error }` with OTP's word for it, never a throw.
export type Result<T, E extends string = string> =
  | { readonly ok: T }
  | { readonly error: E; readonly detail?: unknown };
