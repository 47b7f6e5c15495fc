import { Anchor, Box, Collapse, NativeSelect } from '@mantine/core';
import { useDisclosure, useId } from '@mantine/hooks';
import type { SummaryOptions } from './useSummary.ts';

interface MoreOptionsProps {
  options: SummaryOptions;
  onOptions: (options: SummaryOptions) => void;
}

const engines = [
  { value: 'auto', label: 'Automatic' },
  { value: 'transformers', label: 'Model' },
  { value: 'extractive', label: 'Extractive' },
] satisfies { value: SummaryOptions['engine']; label: string }[];

/** What few people need, behind a button. */
export function MoreOptions({ options, onOptions }: MoreOptionsProps) {
  const [open, { toggle }] = useDisclosure(false);
  const id = useId();
  return (
    <Box>
      <Anchor component="button" type="button" size="sm" onClick={toggle} aria-expanded={open} aria-controls={id}>
        Options
      </Anchor>
      <Collapse expanded={open} id={id}>
        <NativeSelect
          mt="xs"
          maw={400}
          size="md"
          label="Engine"
          description="Automatic takes the model when it is ready. Extractive picks sentences of the text itself."
          data={engines}
          value={options.engine}
          onChange={(event) => {
            const engine = engines.find(({ value }) => value === event.currentTarget.value)?.value;
            onOptions({ ...options, engine });
          }}
        />
      </Collapse>
    </Box>
  );
}
