/** A text to try the service with, about 250 words. */
export const exampleText = `When the ferry company announced that the last boat to Hallow Island would leave at six instead of nine, few people on the mainland took notice. On the island, where four hundred and twelve people live through the winter, the change reached into every household within a week.

The nurse who visits on Tuesdays and Fridays could no longer finish her round and get home the same day. The secondary school pupils, who had stayed late for football and the theatre group, now had to choose between the team and the boat. Two restaurants that lived on evening guests from the harbour town began to close at five, and one of them let its cook go in November.

The company pointed to its accounts. The nine o'clock crossing carried eleven passengers on an average weekday, fuel had become dearer by a third, and the old vessel could not be run by a smaller crew. Nobody on the island disputed those numbers. What they disputed was the sum. A retired surveyor went from door to door with a notebook and counted what the missing boat cost the islanders themselves: overnight stays, lost wages, a second car kept on the other side. His total was almost twice what the company saved.

In February the county council read his notebook aloud at a meeting. In April a compromise was signed. The council pays for a small electric boat with a crew of two, the company runs it, and the last crossing now leaves at half past eight. On its first evening it carried thirty-four people, and the football team was among them.`;
