// Ctrl-Z: the program stops, with all of its group that the shell counts as one job, until the shell lets it go on.
// Windows has no such thing, and a program that no shell started has nobody to let it go on: nothing happens there.

export function stopProgram(): void {
  if (process.platform === "win32") return;
  process.kill(0, "SIGTSTP");
}
