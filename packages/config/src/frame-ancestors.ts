/** Who may show our pages in a frame, for `frame-ancestors`: on a Space the Hub and other Spaces, elsewhere nobody. */
export const frameAncestors = (onSpace: boolean) =>
  onSpace ? "'self' https://huggingface.co https://*.hf.space" : "'none'";

/** Who may show a service's pages in a frame: the service itself too. That opens nothing, for all here is of one origin. */
export const serviceFrameAncestors = (onSpace: boolean) => (onSpace ? frameAncestors(onSpace) : "'self'");
