/** Who may show our pages in a frame, for `frame-ancestors`: on a Space the Hub and other Spaces, elsewhere nobody. */
export const frameAncestors = (onSpace: boolean) =>
  onSpace ? "'self' https://huggingface.co https://*.hf.space" : "'none'";
