/** A share of one as a person reads it: `98.8 %`. What is not quite none or all is not said to be. */
export function percentage(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  if (share > 0.999 && share < 1) return '> 99.9 %';
  return `${(share * 100).toFixed(1)} %`;
}
