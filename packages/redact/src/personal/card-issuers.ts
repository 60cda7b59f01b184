/** Numbers of an issuer, ISO/IEC 7812: first digits from `from` to `to`, and how many digits there are. */
export interface IssuerRange {
  readonly issuer: string;
  readonly from: string;
  readonly to: string;
  readonly lengths: readonly number[];
}

export const issuers: readonly IssuerRange[] = [
  { issuer: "Visa", from: "4", to: "4", lengths: [13, 16, 19] },
  { issuer: "Mastercard", from: "51", to: "55", lengths: [16] },
  { issuer: "Mastercard", from: "2221", to: "2720", lengths: [16] },
  { issuer: "American Express", from: "34", to: "34", lengths: [15] },
  { issuer: "American Express", from: "37", to: "37", lengths: [15] },
  { issuer: "Discover", from: "6011", to: "6011", lengths: [16, 19] },
  { issuer: "Discover", from: "644", to: "649", lengths: [16, 19] },
  { issuer: "Discover", from: "65", to: "65", lengths: [16, 19] },
  { issuer: "Diners Club", from: "300", to: "305", lengths: [14, 16, 19] },
  { issuer: "Diners Club", from: "3095", to: "3095", lengths: [14, 16, 19] },
  { issuer: "Diners Club", from: "36", to: "36", lengths: [14, 16, 19] },
  { issuer: "Diners Club", from: "38", to: "39", lengths: [14, 16, 19] },
  { issuer: "JCB", from: "3528", to: "3589", lengths: [16, 17, 18, 19] },
  { issuer: "UnionPay", from: "62", to: "62", lengths: [16, 17, 18, 19] },
  { issuer: "UnionPay", from: "81", to: "81", lengths: [16, 17, 18, 19] },
  { issuer: "RuPay", from: "60", to: "60", lengths: [16] },
  { issuer: "RuPay", from: "82", to: "82", lengths: [16] },
  { issuer: "RuPay", from: "508", to: "508", lengths: [16] },
  { issuer: "Mir", from: "2200", to: "2204", lengths: [16, 17, 18, 19] },
  { issuer: "Maestro", from: "5018", to: "5018", lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { issuer: "Maestro", from: "5020", to: "5020", lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { issuer: "Maestro", from: "5038", to: "5038", lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { issuer: "Maestro", from: "5893", to: "5893", lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { issuer: "Maestro", from: "6304", to: "6304", lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { issuer: "Maestro", from: "6759", to: "6763", lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { issuer: "Elo", from: "4011", to: "4011", lengths: [16] },
  { issuer: "Elo", from: "5067", to: "5067", lengths: [16] },
  { issuer: "Elo", from: "6362", to: "6363", lengths: [16] },
  { issuer: "Hipercard", from: "6062", to: "6062", lengths: [16] },
  { issuer: "Troy", from: "9792", to: "9792", lengths: [16] },
  { issuer: "Verve", from: "5060", to: "5061", lengths: [16, 18, 19] },
  { issuer: "Verve", from: "6500", to: "6500", lengths: [16, 18, 19] },
];

/** Whether digits can be the beginning of an issuer's number. */
export function beginsIssuer(digits: string): boolean {
  return issuers.some(({ from, to, lengths }) => {
    const start = digits.slice(0, from.length);
    return start >= from && start <= to && digits.length < Math.max(...lengths);
  });
}

/** Whether an issuer gives out numbers that begin so and have so many digits. */
export function hasIssuer(digits: string): boolean {
  return issuers.some(({ from, to, lengths }) => {
    const start = digits.slice(0, from.length);
    return start >= from && start <= to && lengths.includes(digits.length);
  });
}
