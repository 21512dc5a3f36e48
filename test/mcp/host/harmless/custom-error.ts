class ValidationError extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    Object.setPrototypeOf(this, new.target.prototype);
    this.name = this.constructor.name;
    this.field = field;
    Error.captureStackTrace?.(this, ValidationError);
  }
}

export default {
  name: "check_iban",
  description: "Checks the form and the checksum of an IBAN.",
  input: { type: "object", properties: { iban: { type: "string" } }, required: ["iban"] },
  handler({ iban }: { iban: string }): string {
    const compact = iban.replace(/\s/g, "").toUpperCase();
    if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(compact)) throw new ValidationError("iban", "This is not the form of an IBAN.");
    const digits = (compact.slice(4) + compact.slice(0, 4)).replace(/[A-Z]/g, (c) => String(c.charCodeAt(0) - 55));
    return BigInt(digits) % 97n === 1n ? "valid" : "the checksum is wrong";
  },
};
