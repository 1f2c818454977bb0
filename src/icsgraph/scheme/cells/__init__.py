"""What boards write into cells of holders and limits, read by a written grammar in which every word has its place."""
