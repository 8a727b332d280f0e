/** Whether what some tests need is there. Where it is not, they are skipped loudly, and in CI that is a failure. */
export const demand = (isThere: boolean, missing: string): boolean => {
  if (!isThere && process.env['CI'] === 'true') throw new Error(missing);
  if (!isThere) console.log(missing);
  return isThere;
};
