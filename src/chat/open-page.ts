// Opens a web page in the user's browser. The address is an argument of a program, never part of a shell's line; the package is
// loaded when the first page is opened.

/** Resolves once the program that opens it runs; whether a browser comes up nobody tells. */
export async function openPage(url: string): Promise<void> {
  const { default: open } = await import("open");
  const program = await open(url);
  program.on("error", () => {}); // it is gone before it was of use; the user has been told the address
}
