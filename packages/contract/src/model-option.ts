/** What the option `model` of every task with a model means. */
export const modelOption = 'The model that must answer. Only the one that this instance runs is taken: `GET /models`.';
