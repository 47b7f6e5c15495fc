import { Button, FileButton, Group, Text } from '@mantine/core';
import { fileSize } from './fileSize.ts';

interface ChosenFileProps {
  file: File;
  /** Media types or endings, as the `accept` of a file input. */
  kinds: string;
  onFile: (file: File | null) => void;
}

/** A chosen file, with the ways to another one and to none. */
export function ChosenFile({ file, kinds, onFile }: ChosenFileProps) {
  return (
    <>
      <Text size="sm" ta="center" maw="100%" style={{ overflowWrap: 'anywhere' }} data-testid="file">
        {file.name} <span style={{ whiteSpace: 'nowrap' }}>({fileSize(file.size)})</span>
      </Text>
      <Group gap="xs" justify="center">
        <FileButton onChange={(chosen) => chosen && onFile(chosen)} accept={kinds}>
          {(props) => (
            <Button {...props} variant="default" size="xs">
              Choose another
            </Button>
          )}
        </FileButton>
        <Button variant="default" size="xs" onClick={() => onFile(null)}>
          Remove
        </Button>
      </Group>
    </>
  );
}
