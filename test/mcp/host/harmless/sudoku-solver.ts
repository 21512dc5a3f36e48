type Grid = number[][];

function candidates(grid: Grid, row: number, column: number): number[] {
  const used = new Set<number>();
  for (let i = 0; i < 9; i++) {
    used.add(grid[row]![i]!);
    used.add(grid[i]![column]!);
    used.add(grid[3 * Math.floor(row / 3) + Math.floor(i / 3)]![3 * Math.floor(column / 3) + (i % 3)]!);
  }
  return [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((digit) => !used.has(digit));
}

function solve(grid: Grid): boolean {
  for (let row = 0; row < 9; row++)
    for (let column = 0; column < 9; column++) {
      if (grid[row]![column] !== 0) continue;
      for (const digit of candidates(grid, row, column)) {
        grid[row]![column] = digit;
        if (solve(grid)) return true;
      }
      grid[row]![column] = 0;
      return false;
    }
  return true;
}

export default {
  name: "sudoku_solver",
  description: "Solves a sudoku that is given as 81 digits, 0 or a dot for an empty field.",
  input: { type: "object", properties: { puzzle: { type: "string", pattern: "^[0-9.]{81}$" } }, required: ["puzzle"] },
  handler({ puzzle }: { puzzle: string }): string {
    const grid: Grid = Array.from({ length: 9 }, (_, row) => [...puzzle.slice(row * 9, row * 9 + 9)].map((c) => Number(c === "." ? 0 : c)));
    if (!solve(grid)) throw new Error("This puzzle has no solution.");
    return grid.map((row) => row.join(" ")).join("\n");
  },
};
