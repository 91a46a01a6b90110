# EXPECT: graded 0 missing
# ROW: control
