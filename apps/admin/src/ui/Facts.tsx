import { Box, Text } from '@mantine/core';
import classes from './Facts.module.css';

export interface Fact {
  name: string;
  value: string;
  /** What a browser test finds the value by. */
  testId?: string;
}

/** Small facts under a result: a name and a value each. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <Box component="dl" className={classes.facts}>
      {facts.map(({ name, value, testId }) => (
        <div key={name} className={classes.fact}>
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" size="sm" data-testid={testId}>
            {value}
          </Text>
        </div>
      ))}
    </Box>
  );
}
