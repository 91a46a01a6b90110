"""重评预览: any set of submissions judged again with the assignment as it is now, looked at by staff before it counts."""
