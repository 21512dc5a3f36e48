export function beam() {
  return undefined;
}
