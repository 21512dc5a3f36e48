const aggregate = {
  sum: (values) => values.reduce((a, b) => a + b, 0),
  mean: (values) => aggregate.sum(values) / values.length,
  max: (values) => Math.max(...values),
};

export default {
  name: "pivot",
  description: "Groups records by a field and sums, averages or takes the maximum of another.",
  input: { type: "object", properties: { rows: { type: "array" }, by: { type: "string" }, of: { type: "string" }, how: { enum: ["sum", "mean", "max"] } }, required: ["rows", "by", "of"] },
  handler({ rows, by, of, how = "sum" }) {
    const groups = rows.reduce((all, row) => {
      (all[row[by]] ||= []).push(row[of]);
      return all;
    }, Object.create(null));
    return Object.entries(groups).map(([key, values]) => `${key}: ${aggregate[how](values)}`).join("\n");
  },
};
