// `SERVER.NAME`, as commands are given it and lists show it.
import { BanyanError } from "../supervision/index.js";

/** Splits it; a server's name has no dot. */
export function serverAndName(text: string, how: string): { readonly server: string; readonly name: string } {
  const dot = text.indexOf(".");
  if (dot > 0 && dot < text.length - 1) return { server: text.slice(0, dot), name: text.slice(dot + 1) };
  throw new BanyanError("usage", `Name the server first, as in ${how}.`);
}

/** What is of the server named, or all where none is. */
export function ofServer<T extends { readonly server: string }>(list: readonly T[], server: string): readonly T[] {
  return server === "" ? list : list.filter((one) => one.server === server);
}
